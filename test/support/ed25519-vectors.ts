// SPDX-License-Identifier: Apache-2.0

/**
 * Signatures of Ed25519 that implementations of RFC 8032 disagree on: name, public key, message, signature. Made with the group
 * itself from known scalars; all but one hold in the equation of RFC 8032 5.1.7, with or without its cofactor, and a strict
 * verification (8.4, and no point of small order) takes the one that STRICT names.
 */
export const DISPUTED: readonly (readonly [string, string, string, string])[] = [
	[
		"A of small order 0",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 1",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"0900",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 2",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 3",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 4",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 5",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"0200",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 6",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A of small order 7",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A p sign 0",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A p sign 128",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0200",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A p+1 sign 0",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A p+1 sign 128",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A -0 1",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"A -0 p-1",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000",
		"b862409fb5c4c4123df2abf7462b88f041ad36dd6864ce872fd5472be363c5b10700000000000000000000000000000000000000000000000000000000000000",
	],
	[
		"R identity",
		"c4c1227d7fff941a976049ecefad7b663fa5121d769cbbd79a53d344e4773e98",
		"0000",
		"0100000000000000000000000000000000000000000000000000000000000000b4cd9b63b7c24c7b13a42dcbfa5e6f26f34cddd54e9f38200564ac26d4ad0c00",
	],
	[
		"R of small order 1, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0400",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a4653dfd404638dbd013676b72e1e2512e32c28d75b0c9b4f83bf6eaa50f9810f",
	],
	[
		"R of small order 2, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0800",
		"00000000000000000000000000000000000000000000000000000000000000802afc1a5be0eb53a6810f80e47cbeef6b71348eb08e95aeb8266af8052012e00a",
	],
	[
		"R of small order 3, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0400",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05d16ad62c35285127104b494be819116e161c01900071e281cd3faf3257b3d60a",
	],
	[
		"R of small order 4, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0700",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f5a35a36ef60ee1e2b1d038506743fdb06ec6d03ac9c0349ca181ea96a2ae9500",
	],
	[
		"R of small order 5, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0400",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc859a00fee7cc132e5a69bfa56d2ed7d8953c1d9a65a4553806d2df0a707fd34301",
	],
	[
		"R of small order 6, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0300",
		"00000000000000000000000000000000000000000000000000000000000000005989d37f3ba1c1a7182ae828f81c7b082f888a508f55c872017a5042515f4902",
	],
	[
		"R of small order 7, A mixed",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"1000",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa78450b752d945a4af457f66d248215f779facb1e68be8d72752b1038596e330f",
	],
	[
		"mixed A, cofactorless holds",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0100",
		"c8e15409ccfb688b0814a604dfdc51c92e8e044f92c7e779a8154c8538ec01cfab9e1abe0786c4e6103b409096699b30009978a96a92ac5afc4a3f2524cfa10f",
	],
	[
		"mixed A, only cofactored holds",
		"c2ecc2af9bfefd06ee0f9cbb9adf4abda71f6a01db3f1a78458754856f6bd5c4",
		"0000",
		"c8e15409ccfb688b0814a604dfdc51c92e8e044f92c7e779a8154c8538ec01cfbb9996c85cfc1f45610ef98229f40f8c5ec15b8dafaf2c518c71c791452ec706",
	],
	[
		"mixed R, only cofactored holds",
		"c4c1227d7fff941a976049ecefad7b663fa5121d769cbbd79a53d344e4773e98",
		"0000",
		"aeed016be1c1ab392dd06189145cdfbe2292c8eb182015a722ac7be17f7cc7c9bc045e240740bada03aa183377d2f071b11f4a1c704c459f9093c408d862330f",
	],
	[
		"S not reduced",
		"c4c1227d7fff941a976049ecefad7b663fa5121d769cbbd79a53d344e4773e98",
		"0000",
		"c8e15409ccfb688b0814a604dfdc51c92e8e044f92c7e779a8154c8538ec01cff998631bab07ba4a8218d352ccb51f55b925088b28936daec3afc6d6aa90fe19",
	],
];

/** The one of them that strict verification takes, as a key with a part of small order is none of small order. */
export const STRICT = "mixed A, cofactorless holds";

/** Encodings of no point: y is not on the curve. */
export const OFF_CURVE: readonly string[] = [2, 7, 8, 11, 12, 13, 17].map((y) =>
	y.toString(16).padStart(2, "0").padEnd(64, "0"),
);

/** Encodings of points whose y is not below p = 2^255 - 19: p + 3, p + 4 and so on, which are on the curve. */
export const NOT_CANONICAL: readonly string[] = [3, 4, 5, 6, 9, 10, 14, 15, 16, 18].map(
	(k) => `${(0xed + k).toString(16)}${"ff".repeat(30)}7f`,
);

/** u of X25519 whose point has small order: 0, 1, two of order 8, p - 1, p and p + 1 (RFC 7748 6.1, its bit 255 is ignored). */
export const X25519_SMALL_ORDER: readonly string[] = [
	"00".repeat(32),
	"01".padEnd(64, "0"),
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	`ec${"ff".repeat(30)}7f`,
	`ed${"ff".repeat(30)}7f`,
	`ee${"ff".repeat(30)}7f`,
	`ed${"ff".repeat(31)}`,
];
