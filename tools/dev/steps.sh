# What a command spends its time on. Sourced by ./dev, which says it at the end.
#
#   step build    # until the next step, or the end

step_name="" step_from=0 step_times=()

step() {
  end_step
  step_name=$1 step_from=$SECONDS
}

end_step() {
  [ -z "$step_name" ] || step_times+=("$step_name $((SECONDS - step_from)) s")
  step_name=""
}

# Not for what is over in a moment, and on stderr: the last line of a test run is its count.
say_steps() {
  end_step
  [ "$SECONDS" -ge 5 ] && [ "${#step_times[@]}" -gt 0 ] || return 0
  local joined
  joined=$(printf ', %s' "${step_times[@]}")
  say "${joined:2}; together $SECONDS s" >&2
}
trap say_steps EXIT
