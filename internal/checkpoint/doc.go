// Package checkpoint encodes what must survive a restart of the collector, and
// decodes it: the sessions, their open entities with their meetings, the departures of their
// closed calls from meetings that go on, the indices of their accepted, malformed and missing
// records, and the source with its history. The departures are saved apart when their session
// is removed. Series are not saved. docs/storage.md describes the content. The receiver owns
// the storage and decides when to save. Only Load, LoadDepartures and Sweep call the storage;
// for a save the package only returns the operations.
//
// Every value begins with its format version. A value of an unknown version, or one
// that cannot be decoded, is an error that the caller reports.
package checkpoint
