/** The reader's side of one transaction, the same over NFC and BLE: messages in, messages out. */
export interface Transaction {
	/** A new phone: forget everything of the last. */
	open(): void;
	/** The phone has sent a message that is one of ours. */
	readonly started: boolean;
	/** Nothing more is expected from the phone: decided or failed. */
	readonly over: boolean;
	/** What `receive` gave last is an EDHOC error message. */
	readonly failed: boolean;
	/** A whole message from the phone; the message to send back. */
	receive(message: Uint8Array): Uint8Array | undefined;
	/** The phone has gone: wipe the secrets. */
	abandon(): void;
}
