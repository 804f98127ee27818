// Package meeting knows which calls of several Call Bridges are one meeting,
// and in which trace each call leg is: the one thing that sessions share.
//
// Sessions tell it what they are about to deliver, and what they tell stays
// told if the delivery is refused: told again, it changes nothing and is
// answered as before. Its lock is short and never held during a delivery.
package meeting
