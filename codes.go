package refund

import (
	"fmt"
	"slices"

	"github.com/fairback/refund/internal/source"
)

// The words of each enumeration. Text that is none of them is an error, never
// taken for another.
var (
	outcomeWords = []string{"undecided", "deny", "ask", "review", "partial", "approve"} // by number
	kindWords    = words(KindRefund, KindReturn, KindCancel, KindAdjust)
	partyWords   = words(ByBuyer, ByRecipient, BySeller, ByAgent, ByAIAgent, BySystem, ByPlatform)
	faultWords   = words(FaultNone, FaultBuyer, FaultMerchant, FaultCarrier, FaultPlatform)
	remedyWords  = words(RemedyOriginal, RemedyStoreCredit, RemedyGiftCard, RemedyVoucher, RemedyRefundCard, RemedyWallet,
		RemedyBank, RemedyCoupon, RemedyExchange, RemedyReplacement, RemedyRepair, RemedyMissingPart)
	rowWords = words(RowItem, RowCharge, RowClawback, RowFee, RowExtra, RowClamp, RowVoid)
)

func words[T ~string](codes ...T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

// String is the word of the outcome, such as "approve".
func (o Outcome) String() string {
	if int(o) < len(outcomeWords) {
		return outcomeWords[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// MarshalText is String, but an error for a number that is no outcome.
func (o Outcome) MarshalText() ([]byte, error) {
	if int(o) >= len(outcomeWords) {
		return nil, &Error{Code: CodeUnknown, Message: fmt.Sprintf("there is no outcome %d", uint8(o))}
	}
	return []byte(outcomeWords[o]), nil
}

// UnmarshalText reads the word of an outcome; the error for any other is of
// type *Error.
func (o *Outcome) UnmarshalText(text []byte) error {
	i, err := wordIndex("outcome", text, outcomeWords)
	if err == nil {
		*o = Outcome(i)
	}
	return err
}

// UnmarshalText reads the word of a kind; the error for any other is of type
// *Error.
func (k *Kind) UnmarshalText(text []byte) error {
	return readWord(k, "kind of request", text, kindWords)
}

// UnmarshalText reads the word of a party; the error for any other is of type
// *Error.
func (p *Party) UnmarshalText(text []byte) error { return readWord(p, "party", text, partyWords) }

// UnmarshalText reads the word of a fault; the error for any other is of type
// *Error.
func (f *Fault) UnmarshalText(text []byte) error { return readWord(f, "fault", text, faultWords) }

// UnmarshalText reads the word of a remedy; the error for any other is of type
// *Error.
func (r *Remedy) UnmarshalText(text []byte) error { return readWord(r, "remedy", text, remedyWords) }

// UnmarshalText reads the word of a row kind; the error for any other is of
// type *Error.
func (k *RowKind) UnmarshalText(text []byte) error { return readWord(k, "kind of row", text, rowWords) }

func readWord[T ~string](into *T, what string, text []byte, words []string) error {
	i, err := wordIndex(what, text, words)
	if err == nil {
		*into = T(words[i])
	}
	return err
}

// wordIndex finds a word among those that exist.
func wordIndex(what string, text []byte, words []string) (int, error) {
	word := string(text)
	if i := slices.Index(words, word); i >= 0 {
		return i, nil
	}
	e := &Error{Code: CodeUnknown, Message: "there is no " + what + " " + source.Quote(word)}
	if near := source.Suggest(word, words); near != "" {
		e.Hint = "did you mean `" + near + "`?"
	} else if word == "" {
		e.Hint = "leave the key out"
	}
	return 0, e
}
