// Package sequence distinguishes new records from duplicates and finds missing ones,
// by the correlatorIndex that numbers the records of a session. A Tracker holds the
// indices of one session; the receiver owns it and changes it through
// transactions. The tracker's memory is limited for any order of the records: above the
// limit it forgets the lowest indices, and their records are accepted as new.
package sequence
