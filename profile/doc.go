// Package profile holds what an administrator writes for a phone: settings with
// their values, and what is known about each setting.
//
// # Settings
//
// A [Config] is an immutable list of named values. A parser of a file's form
// makes one with a [Builder]; profile/lines reads files of lines and profile/xml
// files of elements. [Config.Merge] puts one over another, as applying a file does
// (FV-CFG-4), and [Config.Append] prints one so that [Config.UnmarshalText] reads
// it back. A file that cannot be used as a whole is [ErrEmpty] or [ErrCorrupt];
// single bad lines are kept aside ([Config.Bad]).
//
// # Known parameters
//
// A [Table] lists the parameters that a vendor's phones know, each with a [Type]
// that [Parameter.Check] holds a value against. A [Finding] is one thing that a
// vendor's lint has to say about a file.
//
// # Where a file is
//
// A [Target] says where a request goes. The package profile/rule makes one of a
// rule's text; a vendor whose settings are plain URLs makes its own.
//
// # Secrets
//
// Values of type [Secret] appear in no error and no Finding; [Type.Show] hides
// them.
package profile
