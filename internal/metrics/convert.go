package metrics

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// convertScope converts the metrics that the SDK collected to pdata. All points get the
// time now, also those whose value did not change, because some exporters drop older
// points.
func convertScope(from metricdata.ScopeMetrics, now pcommon.Timestamp, to pmetric.ScopeMetrics) {
	to.SetSchemaUrl(from.Scope.SchemaURL)
	to.Scope().SetName(from.Scope.Name)
	to.Scope().SetVersion(from.Scope.Version)
	to.Metrics().EnsureCapacity(len(from.Metrics))
	for _, metric := range from.Metrics {
		out := to.Metrics().AppendEmpty()
		out.SetName(metric.Name)
		out.SetDescription(metric.Description)
		out.SetUnit(metric.Unit)
		switch data := metric.Data.(type) {
		case metricdata.Sum[int64]:
			convertSum(data, now, out.SetEmptySum())
		case metricdata.Histogram[float64]:
			convertHistogram(data, now, out.SetEmptyHistogram())
		}
	}
}

func convertSum(from metricdata.Sum[int64], now pcommon.Timestamp, to pmetric.Sum) {
	to.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	to.SetIsMonotonic(from.IsMonotonic)
	to.DataPoints().EnsureCapacity(len(from.DataPoints))
	for _, point := range from.DataPoints {
		out := to.DataPoints().AppendEmpty()
		convertAttributes(point.Attributes, out.Attributes())
		out.SetStartTimestamp(pcommon.NewTimestampFromTime(point.StartTime))
		out.SetTimestamp(now)
		out.SetIntValue(point.Value)
	}
}

func convertHistogram(from metricdata.Histogram[float64], now pcommon.Timestamp, to pmetric.Histogram) {
	to.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	to.DataPoints().EnsureCapacity(len(from.DataPoints))
	for _, point := range from.DataPoints {
		out := to.DataPoints().AppendEmpty()
		convertAttributes(point.Attributes, out.Attributes())
		out.SetStartTimestamp(pcommon.NewTimestampFromTime(point.StartTime))
		out.SetTimestamp(now)
		out.SetCount(point.Count)
		out.SetSum(point.Sum)
		if lowest, ok := point.Min.Value(); ok {
			out.SetMin(lowest)
		}
		if highest, ok := point.Max.Value(); ok {
			out.SetMax(highest)
		}
		out.ExplicitBounds().FromRaw(point.Bounds)
		out.BucketCounts().FromRaw(point.BucketCounts)
		convertExemplars(point.Exemplars, out.Exemplars())
	}
}

func convertExemplars(from []metricdata.Exemplar[float64], to pmetric.ExemplarSlice) {
	for _, exemplar := range from {
		if len(exemplar.TraceID) != 16 || len(exemplar.SpanID) != 8 {
			continue
		}
		out := to.AppendEmpty()
		out.SetTimestamp(pcommon.NewTimestampFromTime(exemplar.Time))
		out.SetDoubleValue(exemplar.Value)
		out.SetTraceID(pcommon.TraceID(exemplar.TraceID))
		out.SetSpanID(pcommon.SpanID(exemplar.SpanID))
	}
}

func convertAttributes(from attribute.Set, to pcommon.Map) {
	to.EnsureCapacity(from.Len())
	for it := from.Iter(); it.Next(); {
		if kv := it.Attribute(); kv.Value.Type() == attribute.BOOL {
			// This is otel.metric.overflow, which the SDK sets on the series that counts what exceeds maxSeries.
			to.PutBool(string(kv.Key), kv.Value.AsBool())
		} else {
			to.PutStr(string(kv.Key), kv.Value.AsString())
		}
	}
}
