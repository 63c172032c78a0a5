func 0x1::m::f (i32 i64 i32 i32 i64) -> (i64)
  locals 2 i32
  local.get 0
  local.set 5
  block
    local.get 1
    i64.const 5
    i64.sub
    local.set 1
    i32.const 1
    local.set 6
    local.get 1
    i64.const 0
    i64.lt_s
    br_if 0
    local.get 2
    local.get 4
    i64.store offset=8
    local.get 3
    i32.const 1
    i32.store8 offset=44
    local.get 1
    return
    unreachable
  end
  i32.const 0
  local.get 1
  i64.store offset=16
  i32.const 0
  local.get 6
  i32.store offset=40
  unreachable
