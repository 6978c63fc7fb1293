; For a solver: a 34-bit number without small factors, taken apart bit by bit, and an order among functions of integers.
(declare-const x (_ BitVec 34))
(declare-const y (_ BitVec 34))
(assert (= (bvmul x y) (_ bv8589606851 34)))
(assert (bvult (_ bv1 34) x))
(assert (bvule x y))
(assert (bvult y (_ bv131072 34)))
(check-sat)
