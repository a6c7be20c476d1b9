// SPDX-License-Identifier: Apache-2.0

export const LANES = [
	"field",
	"bus",
	"transaction",
	"edhoc",
	"crypto",
	"decision",
	"relay",
	"flash",
	"network",
] as const;
export type Lane = (typeof LANES)[number];

/** Something in a lane of time, from one µs of the scene to another. */
export interface Span {
	readonly lane: Lane;
	readonly from: number;
	readonly to: number;
	readonly title: string;
	readonly bytes?: Uint8Array;
	readonly detail?: string;
}
