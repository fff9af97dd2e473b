package audiocodes

import (
	"slices"
	"strings"
	"time"

	"provsim/device/steps"
	"provsim/resync"
)

// schedules returns when the phones send keep-alives and check (AC-TM-1 to AC-TM-4,
// AC-KA-3). The keep-alive goes first at boot.
func schedules(f *steps.Firmware) resync.Settings {
	q := f.Model.Quirks
	set := resync.Settings{Begin: clockOf(f)}
	if f.Text(managerURL) != "" {
		alive := resync.Schedule{Job: resync.KeepAlive, AtBoot: resync.AnyBoot, FromStart: true, Lines: resync.IgnoresThem}
		alive.Every = resync.Delays{{Base: time.Duration(f.Number(keepAlives)) * time.Minute, Spread: q.Seconds(spread)}}
		set.Jobs[0] = alive
	}
	check := resync.Schedule{Job: resync.Resync, FromStart: true, Lines: resync.IgnoresThem}
	if strings.EqualFold(f.Text(method), "DISABLE") {
		set.Jobs[1] = check // a resync that a person asks for says why it does nothing
		return set
	}
	check.AtBoot = resync.AnyBoot
	if s := q.Seconds(retry); s > 0 {
		check.Retry = resync.Every(s)
	}
	unit := time.Minute
	if q[randomUnit] == "s" {
		unit = time.Second
	}
	random := time.Duration(f.Number(randomTime)) * unit
	every := resync.Wait{}
	switch strings.ToLower(f.Text(periodType)) {
	case "hourly":
		every.Base = time.Duration(max(f.Number(periodHours), 1)) * time.Hour
	case "daily":
		check.Daily = &resync.Daily{At: steps.TimeOfDay(f.Text(dailyTime)), Window: random}
	case "weekly":
		day := slices.IndexFunc(weekdays, func(name string) bool { return strings.EqualFold(name, f.Text(weeklyDay)) })
		check.Daily = &resync.Daily{At: steps.TimeOfDay(f.Text(weeklyTime)), Window: random, Week: 1 << max(day, 0)}
	case "every5minutes", "every5min":
		every.Base = 5 * time.Minute
	case "every15minutes", "every15min":
		every.Base = 15 * time.Minute
	}
	if q[randomScope] == "all" {
		check.Spread, every.Spread = random, random
	}
	check.Every = resync.Delays{every}
	set.Jobs[1] = check
	return set
}

// clockOf returns the phone's clock at the beginning of the run (AC-TM-2). In virtual
// time that is midnight UTC.
func clockOf(f *steps.Firmware) time.Duration {
	shift, _ := seconds(f.Text(gmtOffset))
	return steps.LocalTime(f.Model.Epoch.UTC()) + time.Duration(shift)*time.Second
}
