// Package callbridge says which session of a source follows which.
//
// A source is what posts under one identity: a Call Bridge, or a server with a
// system id. Each start of a server begins a session, so a session that is new to
// its source shows a restart, and the open calls and legs of the session before it
// get no end record. A new session can also be the backlog of an older run over a
// second receiver URI, or a second server that was given the same identity.
// Record times alone cannot tell these apart, because clocks are ahead or behind
// at boot and step. The order of receipt and the indices come first.
//
// # Rules
//
//   - A session whose first index is 0 follows the latest session of its source,
//     regardless of its clock. If its first record time is earlier than the latest
//     record time of its predecessor, the succession is in doubt, and the
//     predecessor is to be closed only once it is silent. Otherwise it is closed
//     at once.
//   - A session whose first index is above 0 and whose first record time is not
//     earlier follows too: its beginning was lost.
//   - A session whose first index is above 0 and whose first record time is
//     earlier is late. It follows nothing and counts as replaced.
//   - A replaced or late session resumes if a record with a new highest index has a
//     time after the replacement, or if such records still arrive a day after the
//     first of them. Other late records have no effect.
//   - A replaced session that resumes shows that its successor is late, if the
//     succession was in doubt and the successor had no record time after it since.
//     A late session that resumes replaces a session that is silent in the meantime. Otherwise two servers share the identity, as both took turns; but
//     one that has been silent for a day is replaced.
//   - While two servers share an identity, a new session replaces nothing. The
//     verdict lapses a day after the sessions last took turns.
//   - Where a source is known by its address alone, a new session replaces nothing
//     and nothing is remembered.
//
// "After the replacement" is read on two clocks, and must hold on both: the
// session's own clock, which has advanced as far as the receiver's since the
// session's latest record, and the clock of the session that followed. A minute is
// added, since records tell whole seconds. A record time more than an hour after
// its receipt shows that its clock is ahead; the time of receipt then stands in
// for it wherever two sessions are compared.
//
// # What cannot be known
//
// In these cases a verdict is wrong, and stays so until the sessions that are
// alive show the contrary, or for two days at most: one until a session that
// resumes is believed, one until a false verdict on two servers lapses.
//
//   - Two servers under one identity: the first session of the second looks like a
//     restart of the first, until the first posts again. While the verdict stands, a
//     restart of either cannot be seen, and what was open expires.
//   - Two servers under one identity, and one clock is behind the other: the
//     records of the one behind look like those of an older run.
//   - A backlog of an older run that begins with index 0 and comes after the newer
//     session began: it looks like a restart until the newer session posts again.
//     The open calls and legs of the newer session are closed if it is silent for a
//     minute.
//   - A backlog of an older run whose clock was ahead, or that comes while the
//     clock of the newer session is behind: it looks like a restart with a lost
//     beginning.
//   - A restart whose beginning was lost and whose clock is behind the run before,
//     or whose records come from a backlog after a run whose clock was ahead: it
//     looks late.
//   - Late records of an older run that tell a time after the newer run began, as
//     the newer clock is behind: they look like a second server if the older
//     session's own clock is not known well, because it stepped meanwhile or the
//     record before came from a backlog.
//   - Late records of an older run that come for more than a day, or again after
//     more than a day: they look like a second server.
//   - A session that is no longer remembered is not replaced: what is open in it
//     expires. Its source remembers 32 sessions, those that go on before all others.
//
// # Calls in order
//
// A History is a plain value without a lock; its owner guards it. For a document
// of a session that is new to its source:
//
//  1. Judge answers before anything changes, as often as a refused document comes
//     again. With CloseNow, the owner closes what is open in the predecessor.
//  2. Accept, at commit, makes it so. It judges again, because another session of
//     the source may have been accepted meanwhile, and its answer is the valid one.
//  3. Observe, at the commit of this and every other document with new records.
//  4. State, to save. Each session saves a copy; Restore takes all copies.
//
// At a tick, what is open in a session that is Replaced is to be closed once the
// session has been silent for a minute of receipt time; repeats end the silence as
// well. This covers a predecessor that is not closed at once.
//
// Forget is called when the owner drops a session, so the owner decides how long a
// History remembers: one that is Replaced as long as late records may come, any
// other through a holiday. A session that moves to another source, as it names its
// Call Bridge late, is forgotten in one History, and judged and accepted in the
// other with the same SessionStart, which the owner keeps.
package callbridge
