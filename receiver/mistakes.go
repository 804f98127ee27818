package cmscdrreceiver

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"go.opentelemetry.io/collector/config/confighttp"
	"go.opentelemetry.io/collector/confmap"
)

// mistakes returns an error for each misplaced key, misspelled key and duration without a
// valid unit, and for a max_request_body_size that is a text, such as 40MiB. Each error says
// what to write. confmap would reject the keys and texts without a hint, and accept a duration
// that is a number as nanoseconds. mistakes deletes what it reports from conf, so that confmap
// does not report it again.
func mistakes(conf *confmap.Conf) []error {
	errs := misplaced(conf)
	return append(errs, misspelled(conf, "", reflect.TypeFor[Config](), conf.ToStringMap())...)
}

// misplaced returns an error for each key of the server that is beside http instead of
// below it.
func misplaced(conf *confmap.Conf) (errs []error) {
	ownFields, serverFields := fieldsOf(reflect.TypeFor[Config]()), fieldsOf(reflect.TypeFor[confighttp.ServerConfig]())
	for _, key := range slices.Sorted(maps.Keys(conf.ToStringMap())) {
		if ownFields[key] == nil && serverFields[key] != nil {
			errs = append(errs, fmt.Errorf("%s is not a key of cms_cdr: put it below http, as http::%s", key, key))
			conf.Delete(key)
		}
	}
	return errs
}

// misspelled returns an error for each misspelled key of a struct and of the structs in it,
// for each duration without a valid unit, and for a max_request_body_size that is a text.
// prefix is the path of the struct, such as http::.
func misspelled(conf *confmap.Conf, prefix string, structType reflect.Type, values map[string]any) (errs []error) {
	fields := fieldsOf(structType)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		field, isKey := fields[key]
		path, value := prefix+key, values[key]
		inner, isMap := value.(map[string]any)
		switch {
		case !isKey:
			if name, found := nearest(key, slices.Sorted(maps.Keys(fields))); found {
				errs = append(errs, fmt.Errorf("%s is not a key: did you mean %s?", path, prefix+name))
				conf.Delete(path)
			}
		case field == reflect.TypeFor[time.Duration]():
			if err := checkUnit(path, value); err != nil {
				errs = append(errs, err)
				conf.Delete(path)
			}
		case path == "http::max_request_body_size":
			if _, isText := value.(string); isText {
				errs = append(errs, fmt.Errorf("%s is %q: write it in bytes, as in 41943040 for 40 MiB", path, value))
				conf.Delete(path)
			}
		case isMap && field.Kind() == reflect.Struct:
			errs = append(errs, misspelled(conf, path+"::", field, inner)...)
		}
	}
	return errs
}

// checkUnit rejects a number other than 0, which would be read as nanoseconds, and a text
// that is no duration.
func checkUnit(key string, value any) error {
	const help = "write a unit, as in 30s, 15m or 24h; hours are the largest"
	switch value := value.(type) {
	case int, int64, uint64, float64:
		if fmt.Sprint(value) != "0" {
			return fmt.Errorf("%s is %v: %s", key, value, help)
		}
	case string:
		if _, err := time.ParseDuration(value); err != nil {
			return fmt.Errorf("%s is %q: %s", key, value, help)
		}
	}
	return nil
}

// fieldsOf returns the types of a struct's fields by their configuration keys.
func fieldsOf(structType reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for field := range structType.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		switch {
		case name != "":
			fields[name] = withoutOptional(field.Type)
		case options == "squash":
			maps.Copy(fields, fieldsOf(field.Type))
		}
	}
	return fields
}

// withoutOptional returns the type of the value of a configoptional.Optional, such as that of
// http::tls, and any other type unchanged.
func withoutOptional(fieldType reflect.Type) reflect.Type {
	if strings.HasPrefix(fieldType.String(), "configoptional.Optional[") {
		if value, found := fieldType.FieldByName("value"); found {
			return value.Type
		}
	}
	return fieldType
}

// nearest returns the most similar name, if one is similar enough.
func nearest(to string, names []string) (best string, found bool) {
	for _, name := range names {
		if isSimilar(to, name) && (!found || distance(to, name) < distance(to, best)) {
			best, found = name, true
		}
	}
	return best, found
}

// isSimilar reports whether at most a third of the characters differ, ignoring case, or two
// characters are interchanged or one is moved.
func isSimilar(a, b string) bool {
	limit := max(len(a), len(b)) / 3
	if hasSameLetters(a, b) && distance(a, b) == 2 {
		return true
	}
	return max(len(a), len(b))-min(len(a), len(b)) <= limit && distance(a, b) <= limit
}

// hasSameLetters reports whether one name is a permutation of the other.
func hasSameLetters(a, b string) bool {
	return string(slices.Sorted(slices.Values([]byte(a)))) == string(slices.Sorted(slices.Values([]byte(b))))
}

// distance returns the number of edits between two names, ignoring case.
func distance(a, b string) int {
	return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b))
}
