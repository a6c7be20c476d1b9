// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get, put } from "../api.js";
import { may } from "../me.js";
import { confirm } from "../parts/dialog.js";
import { Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { privacyWords } from "../words/privacy.js";
import { shellWords } from "../words/shell.js";

/** Days; null: for ever. */
interface Keeps {
	readonly names: number | null;
	readonly events: number | null;
	readonly audit: number | null;
}

/** What the API takes at least. */
const LEAST: Readonly<Record<keyof Keeps, number>> = { names: 0, events: 1, audit: 30 };
const PATH = "/api/settings/privacy";

/** For how long the site keeps what it knows of people. */
export function Privacy(): JSX.Element {
	const t = privacyWords();
	const keeps = useLoaded(PATH, () => get<Keeps>(PATH));
	return (
		<>
			<Heading title={shellWords().pages.privacy} />
			<p>{t.text}</p>
			<Loaded of={keeps}>{(one) => <Days keeps={one} />}</Loaded>
			<p class="faint">{t.person}</p>
		</>
	);
}

function Days({ keeps }: { keeps: Keeps }): JSX.Element {
	const t = privacyWords();
	const days = useSignal(keeps);
	const save = async (): Promise<void> => {
		if (!(await confirm({ title: t.confirmTitle, text: t.confirmText, act: t.save, isGrave: true }))) return;
		await put(PATH, days.value);
		say(t.saved);
	};
	const fields = (Object.keys(LEAST) as (keyof Keeps)[]).map((name) => (
		<Field
			key={name}
			label={`${t[name]} (${t.days})`}
			hint={t.empty}
			type="number"
			min={LEAST[name]}
			max={36_500}
			value={days.value[name] === null ? "" : String(days.value[name])}
			onInput={(value) => {
				days.value = { ...days.value, [name]: value === "" ? null : Number(value) };
			}}
		/>
	));
	if (!may("owner")) return <fieldset disabled>{fields}</fieldset>;
	return (
		<Form act={t.save} onSubmit={save}>
			{fields}
		</Form>
	);
}
