func 0x1::m::f (i32 i64 i32 i64) -> (i64 i64)
  locals 2 i32, 1 i64
  local.get 0
  i32.const 16
  i32.add
  local.set 4
  block
    local.get 1
    i64.const 10
    i64.sub
    local.set 1
    i32.const 1
    local.set 5
    local.get 1
    i64.const 0
    i64.lt_s
    br_if 0
    local.get 0
    local.get 2
    i32.store8
    local.get 0
    local.get 3
    i64.store offset=8
    local.get 0
    i64.load offset=8
    local.set 6
    local.get 6
    local.get 1
    return
    unreachable
  end
  i32.const 0
  local.get 1
  i64.store offset=16
  i32.const 0
  local.get 5
  i32.store offset=40
  unreachable
