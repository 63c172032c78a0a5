func 0x1::m::f (i32 i64 i64) -> (i64)
  locals 2 i32
  local.get 0
  local.set 3
  block
    local.get 1
    i64.const 2
    i64.sub
    local.set 1
    i32.const 1
    local.set 4
    local.get 1
    i64.const 0
    i64.lt_s
    br_if 0
    i32.const 0
    local.get 2
    i64.store offset=48
    i32.const 2
    local.set 4
    br 0
    unreachable
  end
  i32.const 0
  local.get 1
  i64.store offset=16
  i32.const 0
  local.get 4
  i32.store offset=40
  unreachable
