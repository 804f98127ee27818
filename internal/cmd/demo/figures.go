package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// figure is a number on the screen, with the query that returns it.
type figure struct {
	name  string // empty if query.by is set: the values of that label are the names
	query query
}

// roleLabel is the label that distinguishes participants from other legs, such as recorders.
const roleLabel = "cisco_cms_call_leg_role"

var figures = []figure{
	{"meetings", query{metric: "cisco_cms_meeting_starts_total"}},
	{"calls", query{metric: "cisco_cms_call_starts_total"}},
	{"people", query{metric: "cisco_cms_call_leg_starts_total", label: roleLabel, value: "participant"}},
	{"people now", query{metric: "cisco_cms_call_leg_active", label: roleLabel, value: "participant"}},
	{"person minutes", query{metric: "cisco_cms_call_leg_duration_seconds_sum", label: roleLabel, value: "participant", divisor: 60}},
	{"min recorded", query{metric: "cisco_cms_recording_duration_seconds_sum", divisor: 60}},
	{"s in the lobby", query{metric: "cisco_cms_call_leg_lobby_duration_seconds_sum"}},
	{"", query{metric: "cisco_cms_call_leg_ends_total", by: "cisco_cms_call_leg_outcome"}},
	{"", query{metric: "cisco_cms_media_encryption_total", by: "cisco_cms_media_encryption_state"}},
	{"", query{metric: "cisco_cms_alarm_occurrences_total", by: "cisco_cms_alarm_type"}},
	{"s of loss", query{metric: "cisco_cms_media_packet_loss_burst_duration_seconds_sum"}},
	{"records", query{metric: "cisco_cms_record_received_total"}},
	{"records missing", query{metric: "cisco_cms_record_missing_total"}},
	{"incomplete", query{metric: "cisco_cms_incomplete_spans_total"}},
}

// showFigures prints each figure with its query. If query.by is set, it prints a figure for
// each value of that label, except figures that are 0, and the query only with the first.
func showFigures(p *page, all []sample) error {
	for _, f := range figures {
		answer := f.query.answer(all)
		if len(answer) == 0 {
			return fmt.Errorf("no series matches %s", f.query)
		}
		query := f.query.String()
		for _, value := range slices.Sorted(maps.Keys(answer)) {
			if f.query.by != "" && answer[value] == 0 {
				continue
			}
			showFigure(p, answer[value], f.name+value, query)
			query = ""
		}
	}
	return nil
}

// showFigure prints a figure and its query on one line, or on two lines if one is too
// short for both.
func showFigure(p *page, number float64, name, query string) {
	head := fmt.Sprintf("%7s %-15s ", formatNumber(number), name)
	if width(head+query) > columns {
		p.line(plain, head)
		head = padded("", columns-width(query))
	}
	p.line(plain, head+query)
}

// formatNumber formats a number with at most one decimal.
func formatNumber(number float64) string {
	if number == float64(int64(number)) {
		return strconv.FormatInt(int64(number), 10)
	}
	return strconv.FormatFloat(number, 'f', 1, 64)
}
