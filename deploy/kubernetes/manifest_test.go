// Package kubernetes tests the manifests in its folder. It is a module of its own,
// because only these tests need Kubernetes' types.
package kubernetes

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// decode reads a manifest into the type of its kind, and refuses unknown fields.
func decode[T any](t *testing.T, file string) T {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var object T
	if err := yaml.UnmarshalStrict(text, &object); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return object
}

func TestDecodingIsStrict(t *testing.T) {
	var job batchv1.Job
	if err := yaml.UnmarshalStrict([]byte("spec:\n  completionsMode: Indexed\n"), &job); err == nil {
		t.Error("a misspelt field is taken")
	}
}

// The shards of a job are all shards of the run.
func TestCompletionsAreTheShards(t *testing.T) {
	job := decode[batchv1.Job](t, "fleet.yaml")
	if job.APIVersion != "batch/v1" || job.Kind != "Job" {
		t.Fatalf("%s %s, want a Job of batch/v1", job.APIVersion, job.Kind)
	}
	mode, completions, parallelism := job.Spec.CompletionMode, job.Spec.Completions, job.Spec.Parallelism
	if mode == nil || *mode != batchv1.IndexedCompletion {
		t.Fatalf("completionMode is %v, want Indexed, which gives each pod its number", mode)
	}
	if completions == nil || parallelism == nil || *completions != *parallelism {
		t.Fatalf("completions %v and parallelism %v, want all shards at the same time", completions, parallelism)
	}
	shards := environment(t, job, "PROVSIM_SHARDS")
	if n, err := strconv.Atoi(shards); err != nil || n != int(*completions) {
		t.Errorf("PROVSIM_SHARDS is %q, completions are %d", shards, *completions)
	}
}

// An index that has a result is not tried again, and one whose node goes
// away is.
func TestWhichFailuresAreTriedAgain(t *testing.T) {
	job := decode[batchv1.Job](t, "fleet.yaml")
	if job.Spec.BackoffLimitPerIndex == nil || *job.Spec.BackoffLimitPerIndex < 1 {
		t.Error("a pod that dies is not started again")
	}
	if job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyNever {
		t.Error("podFailurePolicy needs restartPolicy Never")
	}
	var final []int32
	drained := false
	for _, rule := range job.Spec.PodFailurePolicy.Rules {
		switch rule.Action {
		case batchv1.PodFailurePolicyActionFailIndex:
			if name := rule.OnExitCodes.ContainerName; name == nil || *name != container(job).Name {
				t.Errorf("exit codes of container %v, want %s", name, container(job).Name)
			}
			final = rule.OnExitCodes.Values
		case batchv1.PodFailurePolicyActionIgnore:
			drained = rule.OnPodConditions[0].Type == corev1.DisruptionTarget
		}
	}
	if !slices.Equal(final, []int32{1, 2, 4}) {
		t.Errorf("exit codes %v end an index, want 1, 2 and 4", final)
	}
	if !drained {
		t.Error("a drained node counts as a failure")
	}
}

// What is mounted is there, what is written lands on the volume that the merge
// reads, and nothing runs as root.
func TestVolumes(t *testing.T) {
	claim := decode[corev1.PersistentVolumeClaim](t, "results.yaml")
	if !slices.Contains(claim.Spec.AccessModes, corev1.ReadWriteMany) {
		t.Error("several nodes write the results: want ReadWriteMany")
	}
	out := ""
	for _, file := range []string{"fleet.yaml", "merge.yaml"} {
		job := decode[batchv1.Job](t, file)
		pod, c := job.Spec.Template.Spec, container(job)
		mounted := map[string]string{}
		for _, mount := range c.VolumeMounts {
			mounted[mount.Name] = mount.MountPath
		}
		for _, v := range pod.Volumes {
			if mounted[v.Name] == "" {
				t.Errorf("%s: volume %s is mounted nowhere", file, v.Name)
			}
			if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName != claim.Name {
				t.Errorf("%s: claim %s, want %s", file, v.PersistentVolumeClaim.ClaimName, claim.Name)
			}
		}
		for _, arg := range c.Args {
			if _, path, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(path, "/") && !onVolume(c, path) {
				t.Errorf("%s: %s is on no volume", file, arg)
			}
		}
		if file == "fleet.yaml" {
			out = argument(c, "--out")
		} else if c.Args[len(c.Args)-1] != out {
			t.Errorf("the merge reads %s, the shards write %s", c.Args[len(c.Args)-1], out)
		}
		security := pod.SecurityContext
		if security == nil || security.RunAsNonRoot == nil || !*security.RunAsNonRoot {
			t.Errorf("%s runs as root", file)
		}
		if c.SecurityContext.ReadOnlyRootFilesystem == nil || !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s can write its own files", file)
		}
	}
}

// The generated map has the name and the key that the job mounts.
func TestScenarioMap(t *testing.T) {
	var k struct {
		Resources          []string
		ConfigMapGenerator []struct {
			Name  string
			Files []string
		}
		APIVersion, Kind string
		GeneratorOptions struct{ DisableNameSuffixHash bool }
	}
	text, err := os.ReadFile("kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, &k); err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Concat(k.Resources, k.ConfigMapGenerator[0].Files) {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("kustomization.yaml names %s: %v", file, err)
		}
	}
	job := decode[batchv1.Job](t, "fleet.yaml")
	for _, v := range job.Spec.Template.Spec.Volumes {
		if v.ConfigMap != nil && v.ConfigMap.Name != k.ConfigMapGenerator[0].Name {
			t.Errorf("the job mounts %s, made is %s", v.ConfigMap.Name, k.ConfigMapGenerator[0].Name)
		}
	}
	want := filepath.Join("/scenario", k.ConfigMapGenerator[0].Files[0])
	if got := argument(container(job), "--scenario"); got != want {
		t.Errorf("the job reads %s, the map brings %s", got, want)
	}
}

func container(job batchv1.Job) corev1.Container { return job.Spec.Template.Spec.Containers[0] }

func onVolume(c corev1.Container, path string) bool {
	return slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
		return strings.HasPrefix(path, m.MountPath+"/")
	})
}

func argument(c corev1.Container, flag string) string {
	for _, arg := range c.Args {
		if name, value, ok := strings.Cut(arg, "="); ok && name == flag {
			return value
		}
	}
	return ""
}

func environment(t *testing.T, job batchv1.Job, name string) string {
	t.Helper()
	for _, variable := range container(job).Env {
		if variable.Name == name {
			return variable.Value
		}
	}
	t.Fatalf("%s is not set", name)
	return ""
}
