# A queue of jobs as an object, and what the events do with it.
oo::class create Queue {
    variable jobs
    constructor {} { set jobs {} }
    method add {name delay} { lappend jobs [list $name $delay] }
    method run {} {
        foreach job [lsort -integer -index 1 $jobs] {
            lassign $job name delay
            after $delay [list puts [format "%-6s after %3d ms" $name $delay]]
        }
        after 200 { set ::done 1 }
        vwait ::done
    }
}
set queue [Queue new]
foreach {name delay} {third 90 first 30 second 60} { $queue add $name $delay }
$queue run
puts [expr {2**100}]
