package listener

import (
	"encoding/xml"
	"errors"
)

// Document is a POST that was received.
type Document struct {
	URI         string   `xml:"-"`
	ContentType string   `xml:"-"`
	Raw         []byte   `xml:"-"`
	Err         error    `xml:"-"` // why the POST is invalid
	XMLName     xml.Name `xml:"records"`
	Session     string   `xml:"session,attr"`
	CallBridge  string   `xml:"callBridge,attr"`
	Records     []Record `xml:"record"`
}

// Record is one record of a document. The simulator sets exactly one of its elements.
type Record struct {
	Type            string   `xml:"type,attr"`
	Time            string   `xml:"time,attr"`
	RecordIndex     int      `xml:"recordIndex,attr"`
	CorrelatorIndex int      `xml:"correlatorIndex,attr"`
	Missing         int      `xml:"numPreceedingRecordsMissing,attr"`
	Call            *Element `xml:"call"`
	CallLeg         *Element `xml:"callLeg"`
	Recording       *Element `xml:"recording"`
	Streaming       *Element `xml:"streaming"`
}

// Element is the element of any record, with the fields that tests read.
type Element struct {
	ID                string `xml:"id,attr"`
	Name              string `xml:"name"`
	CallType          string `xml:"callType"`
	LegType           string `xml:"type"`
	SubType           string `xml:"subType"`
	LyncSubType       string `xml:"lyncSubType"`
	Direction         string `xml:"direction"`
	Recording         bool   `xml:"recording"`
	Streaming         bool   `xml:"streaming"`
	Reason            string `xml:"reason"`
	DurationSeconds   int    `xml:"durationSeconds"`
	ActivatedDuration int    `xml:"activatedDuration"`
	Alarms            []struct {
		Type               string  `xml:"type,attr"`
		DurationPercentage float64 `xml:"durationPercentage,attr"`
	} `xml:"alarm"`
}

func (d *Document) parse() {
	d.Err = errors.Join(d.Err, xml.Unmarshal(d.Raw, d))
}
