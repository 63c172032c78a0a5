func 0x1::m::f (i32 i64 i64) -> (i64 i64)
  locals 2 i32, 1 i64, 1 i32, 2 i64
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
    i64.const 0
    local.set 5
    loop
      local.get 1
      i64.const 4
      i64.sub
      local.set 1
      i32.const 2
      local.set 4
      local.get 1
      i64.const 0
      i64.lt_s
      br_if 1
      local.get 2
      i64.const 0
      i64.gt_u
      local.set 6
      local.get 6
      if
        local.get 1
        i64.const 9
        i64.sub
        local.set 1
        i32.const 3
        local.set 4
        local.get 1
        i64.const 0
        i64.lt_s
        br_if 2
        local.get 5
        local.get 2
        i64.add
        local.set 7
        i32.const 4
        local.set 4
        local.get 7
        local.get 5
        i64.lt_u
        br_if 2
        local.get 7
        local.set 5
        i32.const 5
        local.set 4
        local.get 2
        i64.const 1
        i64.lt_u
        br_if 2
        local.get 2
        i64.const 1
        i64.sub
        local.set 8
        local.get 8
        local.set 2
        br 1
      else
        local.get 1
        i64.const 2
        i64.sub
        local.set 1
        i32.const 6
        local.set 4
        local.get 1
        i64.const 0
        i64.lt_s
        br_if 2
        local.get 5
        local.get 1
        return
      end
      unreachable
    end
    unreachable
    unreachable
  end
  i32.const 0
  local.get 1
  i64.store offset=16
  i32.const 0
  local.get 4
  i32.store offset=40
  unreachable
