// core/rooms/cases.h: one function for each type that a variant may have, for std::visit.
#pragma once

namespace freshet {

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

}  // namespace freshet
