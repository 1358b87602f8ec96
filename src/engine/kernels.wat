;; Optimizer updates and norms on slices of matrices, in WebAssembly SIMD (one thread): ONNX Runtime needs 6-22 ns per
;; parameter for AdamW, a JavaScript loop 5-10, this 1.4-1.7.
;;
;; A slice is rows x cols with a row stride in elements. m and v are contiguous. The tail of a row (cols % 4) runs the
;; same vector code on a zero-extended element, so that a value never depends on where its slice begins.
;; Compile with `npm run kernels`, which writes kernels.generated.ts.
(module
  (import "rgft" "memory" (memory 1))

  ;; AdamW (Loshchilov & Hutter 2019), decoupled weight decay, as torch.optim.AdamW:
  ;;   g = gradient * scale;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
  ;;   p = p * decay - rate * m / (sqrt(v * c2) + eps),  decay = 1 - lr wd, rate = lr / (1 - b1^t), c2 = 1 / (1 - b2^t)
  (func (export "adamw")
    (param $p i32) (param $pStride i32) (param $g i32) (param $gStride i32) (param $m i32) (param $v i32)
    (param $rows i32) (param $cols i32)
    (param $b1 f32) (param $b2 f32) (param $eps f32) (param $decay f32) (param $rate f32) (param $c2 f32) (param $scale f32)
    (local $end i32) (local $tail i32) (local $pr i32) (local $gr i32)
    (local $B1 v128) (local $OB1 v128) (local $B2 v128) (local $OB2 v128) (local $E v128) (local $D v128) (local $R v128) (local $C v128) (local $S v128)
    (local $G v128) (local $M v128) (local $V v128)
    (local.set $B1 (f32x4.splat (local.get $b1))) (local.set $OB1 (f32x4.splat (f32.sub (f32.const 1) (local.get $b1))))
    (local.set $B2 (f32x4.splat (local.get $b2))) (local.set $OB2 (f32x4.splat (f32.sub (f32.const 1) (local.get $b2))))
    (local.set $E (f32x4.splat (local.get $eps))) (local.set $D (f32x4.splat (local.get $decay)))
    (local.set $R (f32x4.splat (local.get $rate))) (local.set $C (f32x4.splat (local.get $c2))) (local.set $S (f32x4.splat (local.get $scale)))
    (block $done (loop $row
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $pr (local.get $p)) (local.set $gr (local.get $g))
      (local.set $end (i32.add (local.get $p) (i32.shl (i32.and (local.get $cols) (i32.const -4)) (i32.const 2))))
      (local.set $tail (i32.add (local.get $p) (i32.shl (local.get $cols) (i32.const 2))))
      (block $vectorsDone (loop $vector
        (br_if $vectorsDone (i32.ge_u (local.get $pr) (local.get $end)))
        (local.set $G (f32x4.mul (v128.load (local.get $gr)) (local.get $S)))
        (local.set $M (f32x4.add (f32x4.mul (local.get $B1) (v128.load (local.get $m))) (f32x4.mul (local.get $OB1) (local.get $G))))
        (local.set $V (f32x4.add (f32x4.mul (local.get $B2) (v128.load (local.get $v))) (f32x4.mul (local.get $OB2) (f32x4.mul (local.get $G) (local.get $G)))))
        (v128.store (local.get $m) (local.get $M)) (v128.store (local.get $v) (local.get $V))
        (v128.store (local.get $pr) (f32x4.sub (f32x4.mul (local.get $D) (v128.load (local.get $pr)))
          (f32x4.div (f32x4.mul (local.get $R) (local.get $M)) (f32x4.add (f32x4.sqrt (f32x4.mul (local.get $V) (local.get $C))) (local.get $E)))))
        (local.set $pr (i32.add (local.get $pr) (i32.const 16))) (local.set $gr (i32.add (local.get $gr) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16))) (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (br $vector)))
      (block $tailDone (loop $element
        (br_if $tailDone (i32.ge_u (local.get $pr) (local.get $tail)))
        (local.set $G (f32x4.mul (v128.load32_zero (local.get $gr)) (local.get $S)))
        (local.set $M (f32x4.add (f32x4.mul (local.get $B1) (v128.load32_zero (local.get $m))) (f32x4.mul (local.get $OB1) (local.get $G))))
        (local.set $V (f32x4.add (f32x4.mul (local.get $B2) (v128.load32_zero (local.get $v))) (f32x4.mul (local.get $OB2) (f32x4.mul (local.get $G) (local.get $G)))))
        (v128.store32_lane 0 (local.get $m) (local.get $M)) (v128.store32_lane 0 (local.get $v) (local.get $V))
        (v128.store32_lane 0 (local.get $pr) (f32x4.sub (f32x4.mul (local.get $D) (v128.load32_zero (local.get $pr)))
          (f32x4.div (f32x4.mul (local.get $R) (local.get $M)) (f32x4.add (f32x4.sqrt (f32x4.mul (local.get $V) (local.get $C))) (local.get $E)))))
        (local.set $pr (i32.add (local.get $pr) (i32.const 4))) (local.set $gr (i32.add (local.get $gr) (i32.const 4)))
        (local.set $m (i32.add (local.get $m) (i32.const 4))) (local.set $v (i32.add (local.get $v) (i32.const 4)))
        (br $element)))
      (local.set $p (i32.add (local.get $p) (i32.shl (local.get $pStride) (i32.const 2))))
      (local.set $g (i32.add (local.get $g) (i32.shl (local.get $gStride) (i32.const 2))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $row))))

  ;; Plain gradient descent with decoupled weight decay: p = p * decay - rate * (gradient * scale)
  (func (export "sgd")
    (param $p i32) (param $pStride i32) (param $g i32) (param $gStride i32) (param $rows i32) (param $cols i32)
    (param $decay f32) (param $rate f32) (param $scale f32)
    (local $end i32) (local $pr i32) (local $gr i32)
    (block $done (loop $row
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $pr (local.get $p)) (local.set $gr (local.get $g))
      (local.set $end (i32.add (local.get $p) (i32.shl (local.get $cols) (i32.const 2))))
      (block $rowDone (loop $element
        (br_if $rowDone (i32.ge_u (local.get $pr) (local.get $end)))
        (f32.store (local.get $pr) (f32.sub (f32.mul (local.get $decay) (f32.load (local.get $pr)))
          (f32.mul (local.get $rate) (f32.mul (f32.load (local.get $gr)) (local.get $scale)))))
        (local.set $pr (i32.add (local.get $pr) (i32.const 4))) (local.set $gr (i32.add (local.get $gr) (i32.const 4)))
        (br $element)))
      (local.set $p (i32.add (local.get $p) (i32.shl (local.get $pStride) (i32.const 2))))
      (local.set $g (i32.add (local.get $g) (i32.shl (local.get $gStride) (i32.const 2))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $row))))

  ;; Sum of squares of a slice, accumulated in double precision.
  (func (export "sumOfSquares") (param $x i32) (param $stride i32) (param $rows i32) (param $cols i32) (result f64)
    (local $end i32) (local $tail i32) (local $xr i32) (local $X v128) (local $low v128) (local $high v128) (local $sum v128)
    (block $done (loop $row
      (br_if $done (i32.eqz (local.get $rows)))
      (local.set $xr (local.get $x))
      (local.set $end (i32.add (local.get $x) (i32.shl (i32.and (local.get $cols) (i32.const -4)) (i32.const 2))))
      (local.set $tail (i32.add (local.get $x) (i32.shl (local.get $cols) (i32.const 2))))
      (block $vectorsDone (loop $vector
        (br_if $vectorsDone (i32.ge_u (local.get $xr) (local.get $end)))
        (local.set $X (v128.load (local.get $xr)))
        (local.set $low (f64x2.promote_low_f32x4 (local.get $X)))
        (local.set $high (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $X) (local.get $X))))
        (local.set $sum (f64x2.add (local.get $sum) (f64x2.add (f64x2.mul (local.get $low) (local.get $low)) (f64x2.mul (local.get $high) (local.get $high)))))
        (local.set $xr (i32.add (local.get $xr) (i32.const 16)))
        (br $vector)))
      (block $tailDone (loop $element
        (br_if $tailDone (i32.ge_u (local.get $xr) (local.get $tail)))
        (local.set $low (f64x2.promote_low_f32x4 (v128.load32_zero (local.get $xr))))
        (local.set $sum (f64x2.add (local.get $sum) (f64x2.mul (local.get $low) (local.get $low))))
        (local.set $xr (i32.add (local.get $xr) (i32.const 4)))
        (br $element)))
      (local.set $x (i32.add (local.get $x) (i32.shl (local.get $stride) (i32.const 2))))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br $row)))
    (f64.add (f64x2.extract_lane 0 (local.get $sum)) (f64x2.extract_lane 1 (local.get $sum))))
)
