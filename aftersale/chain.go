package aftersale

// Current gives each case once, where a platform gives every edited request a new
// record: of those that follow each other by Previous or Next, on either side, the
// last one that is in the list. Where two follow the same one, both are given, and
// of a circle the one with the smallest id; of two records of one id the one with
// the longer log. The order is that in which they stand in the list.
func Current(cases []Case) []Case {
	byID := make(map[string]int, len(cases))
	for i := range cases {
		id := cases[i].Request
		if j, twice := byID[id]; id != "" && (!twice || newer(&cases[i], &cases[j])) {
			byID[id] = i
		}
	}
	follows := make([][]int, len(cases)) // by whom a record is followed
	link := func(from, to string) {
		a, okA := byID[from]
		b, okB := byID[to]
		if okA && okB {
			follows[a] = append(follows[a], b)
		}
	}
	for i := range cases {
		c := &cases[i]
		if byID[c.Request] == i && c.Request != "" {
			link(c.Request, c.Next)
			link(c.Previous, c.Request)
		}
	}
	keep := lasts(cases, follows)
	var out []Case
	for i := range cases {
		if id := cases[i].Request; id == "" || byID[id] == i && keep[i] {
			out = append(out, cases[i])
		}
	}
	return out
}

// newer reports whether a is the later copy of a record.
func newer(a, b *Case) bool {
	if len(a.Log) != len(b.Log) {
		return len(a.Log) > len(b.Log)
	}
	return a.Since.After(b.Since)
}

// lasts are the records that none follows, and one of each circle that is followed
// by none.
func lasts(cases []Case, follows [][]int) []bool {
	keep := make([]bool, len(cases))
	group := components(follows)
	best := make(map[int]int)
	open := make(map[int]bool) // a group that is followed by another
	for i, list := range follows {
		for _, j := range list {
			if group[i] != group[j] {
				open[group[i]] = true
			}
		}
		if b, ok := best[group[i]]; !ok || cases[i].Request < cases[b].Request {
			best[group[i]] = i
		}
	}
	for i := range cases {
		keep[i] = !open[group[i]] && best[group[i]] == i
	}
	return keep
}

// components gives the records of a circle the same number (Tarjan, without
// recursion, as chains may be long).
func components(follows [][]int) []int {
	n := len(follows)
	order, low, group := make([]int, n), make([]int, n), make([]int, n)
	at := make([]int, n) // the next link to walk
	var path, stack []int
	onStack := make([]bool, n)
	seen, groups := 0, 0
	for start := range n {
		if order[start] != 0 {
			continue
		}
		path = append(path, start)
		for len(path) > 0 {
			i := path[len(path)-1]
			if order[i] == 0 {
				seen++
				order[i], low[i], onStack[i] = seen, seen, true
				stack = append(stack, i)
			}
			if at[i] < len(follows[i]) {
				j := follows[i][at[i]]
				at[i]++
				if order[j] == 0 {
					path = append(path, j)
				} else if onStack[j] {
					low[i] = min(low[i], order[j])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[i])
			}
			if low[i] == order[i] {
				for {
					j := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					onStack[j], group[j] = false, groups
					if j == i {
						break
					}
				}
				groups++
			}
		}
	}
	return group
}
