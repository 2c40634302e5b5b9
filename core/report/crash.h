// core/report/crash.h: last words. Which plugin a process crashed in is one line on stderr, before
// it ends as it would have.
#pragma once

namespace freshet {

// Once, in main(). [main]
void tell_of_crashes();

}  // namespace freshet
