// Package callbridge determines which session of a source replaces which.
//
// A source is what posts under one identity: a Call Bridge, a server with a system id, or
// all servers at an address. Each start of a server begins a session, so a session that is
// new to its source indicates a restart, and the open calls and legs of the session before
// it get no end record. However, a new session can also be the backlog of an older
// run over a second receiver URI, or a second server that was given the same
// identity. Record times alone cannot distinguish these cases, because a clock can
// be wrong at boot and can step. The order of receipt and the indices therefore take
// precedence over the record times.
//
// # Rules
//
// The latest record of a session is the one with the highest index, and the latest record
// time is the time of that record. The latest session of a source is the one whose latest
// record was received last; replaced and late sessions do not count.
//
//   - A session whose first index is 0 replaces the latest session of its source,
//     regardless of both clocks. If its first record time is earlier than the latest
//     record time of its predecessor, the replacement is in doubt, and the
//     predecessor's entities are to be closed only once it is silent. Otherwise they
//     are to be closed at once.
//   - A session whose first index is above 0 and whose first record time is not
//     earlier than the latest record time of the latest session also replaces that
//     session: its own first records were lost.
//   - A session is late if its first index is above 0 and its first record time is
//     earlier than the latest record time of the latest session. It replaces no
//     session and counts as replaced.
//   - A replaced or late session resumes if a record with a new highest index has a
//     time after the replacement, or if records with new highest indices still arrive
//     a day after the first of them. Its other records change no verdict.
//   - If a replaced session resumes, and its successor is the latest session, the
//     successor is late if the replacement was in doubt and the successor has had no
//     record time after it. Otherwise a session that resumes replaces the latest session
//     if that has been silent for a day, or if that was accepted before it and has been
//     silent since the session that resumes was found late or replaced. In all other
//     cases two servers share the identity, because both posted in turn. The same
//     applies if two sessions post in turn that are neither replaced nor late.
//   - While two servers share an identity, a new session replaces none. The verdict
//     lapses a day after the sessions last posted in turn.
//   - If a source is identified by its address alone, a new session replaces none and
//     is not remembered.
//
// A replacement is shown by one record of the session that replaces: its first record, or the
// record with which it resumes. A record time of the replaced session is after the
// replacement if it is later than the time of that record, and later than the replaced
// session's own clock when that record was received. For a session that is late, or whose
// replacement of another is in doubt, the other session is the one that was the latest when
// the first record of this session was received. A record time of this session is after the
// replacement if it is later than the clock of the other session at that receipt. In both
// cases it must be later by more than a minute, which allows for record times in whole
// seconds, the time of delivery and clock drift.
//
// The clock of a session is estimated from its latest record, and from the time that
// has passed since by the receiver's clock. A record time more than an hour after its
// receipt shows that the Call Bridge's clock is ahead. If the clock
// is ahead, comparisons of two sessions use the time of receipt instead of the record time.
// There are two exceptions, for which the clock that is ahead is used: the record time that
// is compared with a replacement, and the replaced session's own clock.
//
// # What cannot be determined
//
// In these cases a verdict is wrong. It stays wrong until the records of the active
// sessions contradict it, or for two days at most: one until a session that resumes
// is recognised, and one until a wrong verdict on two servers lapses.
//
//   - Two servers under one identity: the first session of the second looks like a
//     restart of the first, until the first posts again. While the identity counts as
//     shared, a restart of either cannot be detected, and the open entities of its
//     older session expire.
//   - Two servers under one identity, and one clock is behind the other: the
//     records of the one that is behind look like those of an older run.
//   - A backlog of an older run that begins with index 0 and arrives after the newer
//     session began: it looks like a restart until the newer session posts again.
//     The open calls and legs of the newer session are closed if it is silent for a
//     minute.
//   - A backlog of an older run whose clock was ahead, or that arrives while the
//     clock of the newer session is behind: it looks like a restart whose first
//     records were lost.
//   - A restart whose first records were lost: it looks late if its clock is behind that
//     of the run before, or if it begins with a backlog and the clock of the run before
//     was ahead.
//   - Records of an older run that arrive after the newer run began, and whose times are
//     later than its first record time, because the newer clock is behind: they look
//     like a second server if the older session's own clock is not known well, because
//     it stepped in the meantime or its latest record was part of a backlog.
//   - Records of an older run that arrive during the newer run for more than a day, or
//     again after more than a day: they look like a second server.
//   - A session that is no longer remembered is not replaced: its open entities
//     expire. A history remembers 32 sessions of its source. Replaced ones are
//     removed first.
//
// # Order of method calls
//
// A History is a plain value without a lock; its owner guards it. For a document
// of a session that is new to its source:
//
//  1. Judge returns the verdict before anything changes, and again each time a
//     refused document is sent again. With CloseNow, the owner closes the open
//     entities of the predecessor.
//  2. Accept, at the first commit with a record, judges again, because another session
//     of the source may have been accepted in the meantime. It applies and returns the
//     new verdict, which is the valid one.
//  3. Observe, at this and every other commit with new records.
//  4. State, before a save. Each session saves a copy; Restore takes all copies.
//
// In each scan, the owner closes the open entities of each Replaced session of which
// nothing has been received for a minute, but not earlier than a minute after the new
// session's first record was received; duplicates also count as received. This
// closes the entities of a predecessor that is not closed at once, and of a late session.
// In the retry window of a Replaced session, its entities stay open.
//
// The owner calls Forget when it removes a session, and so decides how long a History
// remembers it: a Replaced session as long as records of it may arrive, any other session
// even through days without records. A session that moves to another source, because a
// later document names its Call Bridge, is forgotten in one History, and judged and
// accepted in the other. The owner keeps its SessionStart for this, and sets only Seniority
// and AddressOnly anew.
package callbridge
