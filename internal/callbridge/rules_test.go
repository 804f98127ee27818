package callbridge

import "time"

var epoch = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * hour
	year   = 365 * day
)

// document is a document with one new record, and what is expected of it.
type document struct {
	received     time.Duration // since the epoch
	session      string
	index        uint64
	recordOffset time.Duration // from the receipt to the record time
	verdict      string
	replaced     string // the sessions that are replaced or late afterwards
}

// rules are timelines of one source. Each shows a rule of the package comment, or one of
// its cases in which a verdict is wrong.
var rules = map[string][]document{
	"restart": {
		{0, "a", 0, 0, "", ""},
		{minute, "a", 9, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "b", 5, 0, "", "a"},
		{3 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"restart within a second": {
		{0, "a", 0, 0, "", ""},
		{0, "b", 0, 0, "replaces a, close now", "a"},
	},
	"restart with a lost beginning": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 7, 0, "replaces a, close now", "a"},
		{2 * hour, "b", 8, 0, "", "a"},
	},
	"records of the older session arrive after a restart": {
		{0, "a", 0, 0, "", ""},
		{hour, "a", 5, 0, "", ""},
		{2 * hour, "b", 0, 0, "replaces a, close now", "a"},
		{3 * hour, "a", 6, -90 * minute, "", "a"},
		{3*hour + 1, "b", 1, 0, "", "a"},
		{4 * hour, "a", 9, -2 * hour, "", "a"},
		{5 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"a record time up to a minute after the restart does not show a second server": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{hour + minute, "a", 1, 0, "", "a"},
		{hour + 2*minute, "b", 1, 0, "", "a"},
	},
	"a missing record of the older session arrives and does not show a second server": {
		{0, "a", 0, 0, "", ""},
		{minute, "a", 9, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 8, 0, "", "a"},
		{3 * hour, "b", 1, 0, "", "a"},
	},
	"clock ahead by a year": {
		{0, "a", 0, year, "", ""},
		{day, "a", 5, year, "", ""},
		{2 * day, "b", 0, 0, "replaces a, close now", "a"},
		{3 * day, "b", 1, 0, "", "a"},
		{4 * day, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"clock ahead by three days": {
		{0, "a", 0, 3 * day, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"clock ahead by three minutes before a restart": {
		{0, "a", 0, 3 * minute, "", ""},
		{hour, "a", 5, 3 * minute, "", ""},
		{hour + 2*minute, "b", 0, 0, "replaces a, close when silent", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"clock ahead by a year, and a restart with a lost beginning": {
		{0, "a", 0, year, "", ""},
		{hour, "b", 7, 0, "replaces a, close now", "a"},
	},
	"clock ahead by three minutes, and a restart with a lost beginning": {
		{0, "a", 0, 3 * minute, "", ""},
		{2 * minute, "b", 7, 0, "late", "b"},
		{3 * minute, "b", 8, 0, "", "b"},
		{6 * minute, "b", 9, 0, "", "b"},
		{6*minute + 1, "b", 10, 0, "", "a"},
		{hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"clock ahead by a year, and the next session begins with a backlog": {
		{0, "a", 0, year, "", ""},
		{hour, "a", 5, year, "", ""},
		{2 * hour, "b", 7, -90 * minute, "late", "b"},
		{3 * hour, "b", 8, 0, "", "a"},
	},
	"records of a session whose clock was ahead arrive after a restart": {
		{0, "a", 0, 3 * day, "", ""},
		{hour, "a", 5, 3 * day, "", ""},
		{2 * hour, "b", 0, 0, "replaces a, close now", "a"},
		{3 * hour, "a", 6, 3*day - 90*minute, "", "a"},
	},
	"clock ahead permanently": {
		{0, "a", 0, year, "", ""},
		{hour, "b", 0, year, "replaces a, close now", "a"},
		{2 * hour, "b", 1, year, "", "a"},
		{3 * hour, "c", 0, year, "replaces b, close now", "a b"},
	},
	"clock behind at boot, and corrected later": {
		{0, "a", 0, 0, "", ""},
		{day, "a", 5, 0, "", ""},
		{day + hour, "b", 0, -50 * year, "replaces a, close when silent", "a"},
		{day + hour + minute, "b", 1, -50 * year, "", "a"},
		{day + hour + 2*minute, "b", 2, 0, "", "a"},
		{2 * day, "b", 3, 0, "", "a"},
		{3 * day, "c", 0, -50 * year, "replaces b, close when silent", "a b"},
		{4 * day, "c", 1, 0, "", "a b"},
	},
	"records of the older session arrive while the clock is behind": {
		{0, "a", 0, 0, "", ""},
		{2 * hour, "a", 1, 0, "", ""},
		{3 * hour, "b", 0, -year, "replaces a, close when silent", "a"},
		{4 * hour, "a", 2, -90 * minute, "", "a"},
		{5 * hour, "b", 1, 0, "", "a"},
	},
	"clock steps back within a session": {
		{0, "a", 0, 2 * hour, "", ""},
		{day, "a", 5, 0, "", ""},
		{day + minute, "b", 0, 0, "replaces a, close now", "a"},
		{day + hour, "b", 5, 0, "", "a"},
		{day + 2*hour, "b", 6, -hour, "", "a"},
		{day + 3*hour, "c", 8, -hour, "replaces b, close now", "a b"},
	},
	"late session over a second URI": {
		{0, "b", 0, 0, "", ""},
		{hour, "a", 70, -2 * hour, "late", "a"},
		{hour + minute, "a", 71, -90 * minute, "", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "c", 0, 0, "replaces b, close now", "a b"},
		{4 * hour, "a", 99, -5 * hour, "", "a b"},
	},
	"late session from index 0: in doubt until the newer session has a record more than a minute later": {
		{0, "b", 0, 0, "", ""},
		{hour, "a", 0, -3 * hour, "replaces b, close when silent", "b"},
		{hour + 1, "b", 1, 0, "", "b"},
		{2 * hour, "b", 2, 0, "", "a"},
		{2*hour + minute, "a", 1, -3 * hour, "", "a"},
		{3 * hour, "b", 3, 0, "", "a"},
		{4 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"restart with a lost beginning and a clock behind: it looks late for a day": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 3, -year, "late", "b"},
		{2 * hour, "b", 4, -year, "", "b"},
		{25 * hour, "b", 5, -year, "", "b"},
		{26 * hour, "b", 6, -year, "", "a"},
		{27 * hour, "c", 0, 0, "replaces b, close now", "a b"},
	},
	"two servers post in turn": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{3 * hour, "b", 1, 0, "", ""},
		{4 * hour, "c", 0, 0, "", ""},
		{5 * hour, "a", 2, 0, "", ""},
	},
	"two servers, the second with its clock ahead": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 3 * day, "replaces a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
	},
	"two servers, the second with its clock behind at boot": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, -year, "replaces a, close when silent", "a"},
		{2 * hour, "a", 1, 0, "", "b"},
		{3 * hour, "b", 1, 0, "two servers", ""},
	},
	"two servers, the clock of the second corrected before the first posts again": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, -year, "replaces a, close when silent", "a"},
		{2 * hour, "b", 1, 0, "", "a"},
		{3 * hour, "a", 1, 0, "two servers", ""},
	},
	"two servers, the first with its clock permanently behind": {
		{0, "a", 0, -year, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 1, -year, "", "a"},
		{20 * hour, "b", 1, 0, "", "a"},
		{25 * hour, "a", 2, -year, "", "a"},
		{26 * hour, "a", 3, -year, "two servers", ""},
	},
	"two servers, one with a lost beginning and its clock behind": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 3, -year, "late", "b"},
		{2 * hour, "a", 1, 0, "", "b"},
		{3 * hour, "b", 4, 0, "two servers", ""},
	},
	"two servers, the second restarts with its clock behind before the first posts again": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "c", 0, -2 * hour, "replaces b, close when silent", "a b"},
		{3 * hour, "a", 1, 0, "two servers", "b"},
	},
	"two servers no longer share an identity, and the verdict lapses": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{20 * hour, "b", 1, 0, "", ""},
		{30 * hour, "b", 2, 0, "", ""},
		{43 * hour, "c", 0, 0, "", ""}, // 23 hours after they last posted in turn
		{45 * hour, "d", 0, 0, "replaces c, close now", "c"},
		{46 * hour, "e", 0, 0, "replaces d, close now", "c d"},
	},
	"the verdict on two servers holds if they post in turn again": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{20 * hour, "b", 1, 0, "", ""},
		{40 * hour, "a", 2, 0, "", ""},
		{60 * hour, "c", 0, 0, "", ""},
	},
	"two servers are detected again after the verdict lapsed": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "a", 1, 0, "two servers", ""},
		{30 * hour, "b", 1, 0, "two servers", ""},
	},
	"two servers are not detected if the replaced one posts only after the other was silent for a day": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{26 * hour, "a", 1, 0, "", "b"},
		{27 * hour, "a", 2, 0, "", "b"},
		{28 * hour, "c", 0, 0, "replaces a, close now", "a b"},
	},
	"a session that was replaced before two servers were detected stays replaced": {
		{0, "a", 0, 0, "", ""},
		{hour, "b", 0, 0, "replaces a, close now", "a"},
		{2 * hour, "c", 0, 0, "replaces b, close now", "a b"},
		{3 * hour, "b", 1, 0, "two servers", "a"},
		{4 * hour, "a", 1, -3 * hour, "", "a"},
	},
}
