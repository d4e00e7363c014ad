package dates

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"sync"
	"time"
)

// Release is the release of the tz database that every zone comes from. The
// data is in the public domain; the archive is the one that Go 1.26 ships.
const Release = "2025c"

//go:embed zoneinfo.zip
var archive []byte

// A Zone is a time zone of the tz database. It never changes and is safe for
// concurrent use. The nil Zone is UTC.
type Zone struct {
	name  string
	loc   *time.Location
	table []stretch // without a gap, around First to Last
}

var zones struct {
	sync.Mutex
	files map[string]*zip.File
	ready map[string]*Zone
}

// LoadZone is the zone of an IANA name such as Europe/Paris, letter for letter.
// It reads no file of the host.
func LoadZone(name string) (*Zone, error) {
	zones.Lock()
	defer zones.Unlock()
	if z, ok := zones.ready[name]; ok {
		return z, nil
	}
	if zones.files == nil {
		if err := openArchive(); err != nil {
			return nil, err
		}
	}
	file, ok := zones.files[name]
	if !ok {
		return nil, fmt.Errorf("%w in tzdata %s: %.64q", ErrZone, Release, name)
	}
	loc, err := readZone(name, file)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrZone, name, err)
	}
	z := &Zone{name: name, loc: loc, table: tabulate(loc)}
	zones.ready[name] = z
	return z, nil
}

func openArchive() error {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return fmt.Errorf("%w: tzdata %s: %w", ErrZone, Release, err)
	}
	files := make(map[string]*zip.File, len(r.File))
	for _, f := range r.File {
		if isZone(f) {
			files[f.Name] = f
		}
	}
	zones.files, zones.ready = files, make(map[string]*Zone)
	return nil
}

// isZone leaves out the folders, and Factory, which says that nobody has set a
// zone.
func isZone(f *zip.File) bool {
	return !f.FileInfo().IsDir() && f.Name != "Factory"
}

func readZone(name string, file *zip.File) (*time.Location, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(name, data)
}

// ZoneNames are the names that LoadZone knows, in the order of the archive,
// which is that of the bytes.
func ZoneNames() []string {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range r.File {
		if isZone(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

// String is the name of the zone.
func (z *Zone) String() string {
	if z == nil {
		return "UTC"
	}
	return z.name
}

// Location is the zone for package time.
func (z *Zone) Location() *time.Location {
	if z == nil {
		return time.UTC
	}
	return z.loc
}

// Date is the day on which t falls in the zone.
func (z *Zone) Date(t time.Time) Date {
	at := t.Unix()
	d := div(at+z.stretch(at).offset, secondsPerDay)
	return Date(min(max(d, int64(MinDate)), int64(MaxDate)))
}

// Midnight is the first instant of the day d in the zone: 01:00 where summer
// time skips midnight, and the first of two midnights. Where the zone skips the
// whole day it is the first instant of the next.
func (z *Zone) Midnight(d Date) time.Time {
	return z.first(int64(d) * secondsPerDay)
}

// End is the instant at which the day d is over for good. That is the Midnight
// of the next day, unless the clock goes back across midnight, as in
// St. John's in 2010: there the day comes back for an hour.
func (z *Zone) End(d Date) time.Time {
	return z.past((int64(d) + 1) * secondsPerDay)
}

// reach is more than any offset from UTC that a zone has had.
const reach = 20 * 60 * 60

// first is the first instant at which the clock of the zone shows local or
// more. A clock reading is counted in seconds as if it were UTC.
func (z *Zone) first(local int64) time.Time {
	at := local - reach
	for {
		s := z.stretch(at)
		hit := max(at, local-s.offset)
		if hit < s.end {
			return time.Unix(hit, 0).UTC()
		}
		at = s.end
	}
}

// past is the first instant from which on the clock of the zone always shows
// local or more.
func (z *Zone) past(local int64) time.Time {
	at := local + reach
	for {
		s := z.stretch(at - 1)
		hit := min(at, local-s.offset)
		if hit > s.start {
			return time.Unix(hit, 0).UTC()
		}
		at = s.start
	}
}
