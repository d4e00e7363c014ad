package report

type hits struct{}
type override struct{}
type due struct{}
type kept struct{}
type Unhit struct{}
type Override struct{}
type Difference struct{}
type Promise struct{}
type Broken struct{}
