package listener

import (
	"encoding/xml"
	"errors"
)

// Document is one POST that arrived.
type Document struct {
	URI         string   `xml:"-"`
	ContentType string   `xml:"-"`
	Status      int      `xml:"-"` // what it was answered
	Raw         []byte   `xml:"-"`
	Err         error    `xml:"-"` // what is wrong with it
	XMLName     xml.Name `xml:"records"`
	Session     string   `xml:"session,attr"`
	CallBridge  string   `xml:"callBridge,attr"`
	Records     []Record `xml:"record"`
}

// Record is one record; one of its elements is there.
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

// Element holds what tests look at of any of them.
type Element struct {
	ID                string    `xml:"id,attr"`
	Name              string    `xml:"name"`
	CallType          string    `xml:"callType"`
	CallCorrelator    string    `xml:"callCorrelator"`
	DisplayName       string    `xml:"displayName"`
	LegType           string    `xml:"type"`
	SubType           string    `xml:"subType"`
	LyncSubType       string    `xml:"lyncSubType"`
	Direction         string    `xml:"direction"`
	Recording         bool      `xml:"recording"`
	Streaming         bool      `xml:"streaming"`
	Reason            string    `xml:"reason"`
	DurationSeconds   int       `xml:"durationSeconds"`
	ActivatedDuration int       `xml:"activatedDuration"`
	IVR               *struct{} `xml:"ivr"`
	Alarms            []struct {
		Type  string  `xml:"type,attr"`
		Share float64 `xml:"durationPercentage,attr"`
	} `xml:"alarm"`
}

func (d *Document) parse() {
	d.Err = errors.Join(d.Err, xml.Unmarshal(d.Raw, d))
}
