// Package checkpoint writes what must survive a restart of the collector, and
// reads it again: the sessions, what is open in them, and which of their records
// were accepted. docs/storage.md lists what that is.
//
// Every value begins with the version of its form. One of another version, or
// one that cannot be read, is an error that the caller tells of; nothing here
// guesses.
package checkpoint
