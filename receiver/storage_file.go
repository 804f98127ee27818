package cmscdrreceiver

import (
	"fmt"
	"reflect"
	"regexp"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// encodedCharacter matches the characters that file_storage encodes in the name of a file.
var encodedCharacter = regexp.MustCompile(`[^a-zA-Z0-9._-]`)

// fileOf returns the name of a receiver's file in file_storage. A name that is too long for
// the file system is replaced by its hash; such a file is not found and not checked.
func fileOf(receiver component.ID) string {
	name := fmt.Sprintf("receiver_%s_%s", receiver.Type(), receiver.Name())
	return encodedCharacter.ReplaceAllStringFunc(name, func(character string) string {
		return fmt.Sprintf("~%04X", []rune(character)[0])
	})
}

// folderOf reads the directory of a file_storage from its unexported configuration
// field, because the extension does not export it. It returns false for other storages,
// and for a release of file_storage in which the field has another name. TestDamagedFile
// fails with such a release.
func folderOf(storageExtension storage.Extension) (string, bool) {
	value := reflect.ValueOf(storageExtension)
	for _, name := range []string{"cfg", "Directory"} {
		for value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		if value.Kind() != reflect.Struct {
			return "", false
		}
		value = value.FieldByName(name)
	}
	return value.String(), value.Kind() == reflect.String
}
