// Package translate writes records as log records and what has ended as spans,
// in the names that documentation lists. Values in, values out.
package translate
