// SPDX-License-Identifier: Apache-2.0

import type { SchemeSession } from "../scheme.js";
import type { Transaction } from "./transaction.js";

/** What a visit over NFC and one over BLE have in common: the transaction. */
export abstract class EdhocSession implements SchemeSession {
	protected readonly transaction: Transaction;

	constructor(transaction: Transaction) {
		this.transaction = transaction;
	}

	get started(): boolean {
		return this.transaction.started;
	}

	get over(): boolean {
		return this.transaction.over;
	}

	get failed(): boolean {
		return this.transaction.failed;
	}

	open(): void {
		this.transaction.open();
	}

	abandon(): void {
		this.transaction.abandon();
	}

	ahead(): void {
		this.transaction.ahead();
	}
}
