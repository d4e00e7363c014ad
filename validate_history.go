package refund

import "fmt"

// event is something in the past. What most events do not have is digested behind
// its name, and only where it is set: no kind of event begins with a plus, and an
// event without any of it has the digest that it had before there was such.
func (c *checker) event(f string, e *Event) {
	if e.Kind == "" || e.At.IsZero() {
		c.fail(CodeMissing, f, fmt.Sprintf("an event has a kind and a time, this one %q and %v", e.Kind, e.At), "")
	}
	c.word(c.in(f, ".kind"), e.Kind, eventKinds)
	c.time(c.in(f, ".at"), e.At)
	c.amount(c.in(f, ".amount"), e.Amount)
	c.text(c.in(f, ".rule"), e.Rule)
	c.text(c.in(f, ".order"), e.Order)
	c.text(c.in(f, ".customer"), e.Customer)
	if len(e.Links) > 0 {
		c.to.text("+links")
		if f := c.in(f, ".links"); c.list(f, len(e.Links), len(linkWords)) {
			for i, w := range e.Links {
				if c.word(c.at(f, i), w, linkWords); w == "" {
					c.fail(CodeMissing, c.at(f, i), "a link is empty", "")
				}
			}
		}
	}
	c.tagged("+reason", c.in(f, ".reason"), e.Reason)
	if e.Fault != "" {
		c.to.text("+fault")
		c.word(c.in(f, ".fault"), string(e.Fault), faultWords)
	}
	c.tagged("+sku", c.in(f, ".sku"), e.SKU)
	c.tagged("+request", c.in(f, ".request"), e.Request)
	c.photos(c.in(f, ".photos"), e.Photos, MaxEventPhotos)
}

func (c *checker) tagged(tag, field, s string) {
	if s != "" {
		c.to.text(tag)
		c.text(field, s)
	}
}

// photos are hashes, of which there is one way to write each.
func (c *checker) photos(field string, list []string, most int) {
	if len(list) == 0 {
		return
	}
	c.to.text("+photos")
	if !c.list(field, len(list), most) {
		return
	}
	for i, s := range list {
		c.to.text(s)
		if !isHash(s) {
			c.fail(CodeSyntax, c.at(field, i), quote(s)+" is no hash of a photo", "64 small hex digits of a SHA-256, or 16 of a perceptual hash")
		}
	}
}

// The lengths of the two kinds of hashes, in hex digits.
const (
	exactHash      = 64
	perceptualHash = 16
)

func isHash(s string) bool {
	if len(s) != exactHash && len(s) != perceptualHash {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
