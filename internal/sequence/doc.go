// Package sequence tells new records from repeated ones and sees what is
// missing, by the correlatorIndex that counts the records of a session.
package sequence
