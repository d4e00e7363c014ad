package refund_test

var goodsEdges, caseEdges []edgeCase
