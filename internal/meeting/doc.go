// Package meeting determines which calls of one or several Call Bridges are one meeting,
// and remembers which trace each call leg is in. All sessions share its registry.
//
// A session changes the meetings through a transaction. The traces of legs are not staged:
// a session sets them when it commits or is restored. A joining call is reserved at
// once, because two calls of one meeting that begin at the same time would otherwise
// each begin a meeting of their own. A departure is only staged. The commit makes both
// permanent. A drop reverts the departures. Only a meeting's span that another
// transaction staged in the meantime may still include their times. The reservations of
// a dropped transaction stay for ten minutes, because the records will be sent again;
// other calls can join their meetings. The registry's lock is held briefly and never
// during a delivery.
package meeting
