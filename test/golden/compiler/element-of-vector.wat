func 0x1::m::f (i32 i64 i32 i64) -> (i32 i64)
  locals 5 i32
  local.get 0
  local.set 4
  block
    local.get 1
    i64.const 5
    i64.sub
    local.set 1
    i32.const 1
    local.set 5
    local.get 1
    i64.const 0
    i64.lt_s
    br_if 0
    local.get 2
    i32.load
    local.set 6
    i32.const 2
    local.set 5
    local.get 3
    local.get 6
    i64.load32_u
    i64.ge_u
    br_if 0
    local.get 6
    local.get 3
    i32.wrap_i64
    i32.const 1
    i32.shl
    i32.add
    local.set 7
    local.get 7
    i32.load16_u offset=8
    local.set 8
    local.get 8
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
