// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { del } from "../api.js";
import { confirm } from "../parts/dialog.js";
import { say, sayError } from "../parts/notice.js";
import { partPath } from "../plan.js";
import { go } from "../router.js";
import { refusalText } from "../words/refusals.js";

interface Words {
	readonly remove: string;
	readonly removeText: string;
	readonly inUse: string;
	removeTitle(name: string): string;
	isRemoved(name: string): string;
}

/** The button that removes an access plan, a schedule or a kind of holidays, after a question; `back`: the page of all of them. */
export function RemovePart({
	again,
	back,
	name,
	part,
	words: t,
}: {
	part: Parameters<typeof partPath>[0];
	name: string;
	words: Words;
	back: string;
	again: () => Promise<void>;
}): JSX.Element {
	const remove = async (): Promise<void> => {
		const question = { title: t.removeTitle(name), text: t.removeText, act: t.remove, isGrave: true };
		if (!(await confirm(question))) return;
		try {
			await del(partPath(part, name));
			await again();
			go(back);
			say(t.isRemoved(name));
		} catch (error) {
			sayError(refusalText(error, { "bad-plan": t.inUse }));
		}
	};
	return (
		<button type="button" class="grave" onClick={remove}>
			{t.remove}
		</button>
	);
}
