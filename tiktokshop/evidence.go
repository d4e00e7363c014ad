package tiktokshop

// ParseEvidence counts what the buyer has shown for a return, from the answer
// of Get Return Records: images as photo, videos as video. It goes into
// Request.Evidence; without it a policy that needs a photo asks for one. An
// error is [refund.Errors].
func ParseEvidence(data []byte) (map[string]int64, []Unmapped, error) {
	d, err := open(data, "records")
	if err != nil {
		return nil, nil, err
	}
	out := map[string]int64{}
	for _, n := range d.records {
		n.Seen = true
		byBuyer := d.Text(n.Field("role")) == "BUYER"
		for _, e := range []struct{ key, kind string }{{"images", "photo"}, {"videos", "video"}} {
			shown := int64(len(d.List(n.Field(e.key), MaxLines)))
			if byBuyer && shown > 0 {
				out[e.kind] += shown
			}
		}
	}
	d.sweep(evidenceIgnored)
	if err := d.Failed(); err != nil {
		return nil, nil, err
	}
	return out, d.unmapped(), nil
}
