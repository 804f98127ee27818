package metrics

// Bucket boundaries of the histograms, in the unit of the metric.
var (
	// Calls, legs, recordings and streamings last from seconds to days.
	durationBuckets = []float64{5, 15, 30, 60, 120, 300, 600, 900, 1800, 2700, 3600, 5400, 7200, 14400, 28800, 86400, 259200}
	// A leg is connected after tenths of a second, or after minutes if it rings.
	setupBuckets = []float64{0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300}
	// Visits to voice menu and lobby last from seconds to an hour.
	visitBuckets = []float64{1, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600}
	// Highest numbers of legs that calls had at the same time.
	legCountBuckets = []float64{1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 200, 500}
	// Shares of a leg's time. Most alarms are near 0. 0 has a bucket of its own, because
	// Meeting Server also sends alarms with 0 %.
	ratioBuckets = []float64{0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.95, 1}
	// Heights of pictures in pixels, as cameras and screens have them.
	heightBuckets = []float64{90, 180, 240, 360, 480, 576, 720, 1080, 1440, 2160}
	// Bursts of loss are short; a gap between them can be as long as the leg.
	burstBuckets = []float64{0, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
	gapBuckets   = []float64{0, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 28800}
	// The unit of densityBuckets is not documented: the buckets fit fractions and
	// percentages.
	densityBuckets = []float64{0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 25, 50, 100}
)
