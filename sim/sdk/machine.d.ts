/** The functions of machine.c: one machine beside this one. */
export declare const machine: {
	/** Starts `module` in a fresh machine of these sizes. `onCall` gives a number or an ArrayBuffer, or throws. */
	begin(
		module: string,
		chunk: number,
		heap: number,
		stack: number,
		onCall: (call: number, a: number, b: number, c: number, bytes: ArrayBuffer) => number | ArrayBuffer,
	): void;
	/** What its clock says from here on, ms. */
	now(ms: number): void;
	/** Returns when it is idle. Throws what nobody caught in it. */
	event(listener: number, value: number, bytes: Uint8Array | undefined): void;
	/**
	 * After a collection: slots in use and all, bytes of chunks in use and all; slots of the stack that were ever used, all.
	 */
	figures(): [number, number, number, number, number, number];
};
