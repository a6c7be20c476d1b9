// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, put } from "../api.js";
import { confirm } from "../parts/dialog.js";
import { Act, Field, Form } from "../parts/form.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { TestForm } from "../parts/test-form.js";
import { settingsWords } from "../words/settings.js";

interface SmsView {
	readonly url: string;
	readonly user: string;
	readonly from: string;
	readonly hasPassword: boolean;
}

const PATH = "/api/settings/sms";

/** The SMS gateway. */
export function SmsSection(): JSX.Element {
	const t = settingsWords();
	const sms = useLoaded(PATH, async () => ({ view: await get<SmsView | null>(PATH) }));
	const forget = async (): Promise<void> => {
		const question = { title: t.forgetSms, text: t.forgetSmsText, act: t.forget, isGrave: true };
		if (!(await confirm(question))) return;
		await del(PATH);
		say(t.forgotten);
		await sms.again();
	};
	return (
		<section aria-labelledby="sms">
			<h2 id="sms">{t.sms}</h2>
			<p>{t.smsText}</p>
			<Loaded of={sms}>
				{({ view }) => (
					<>
						<SmsForm key={JSON.stringify(view)} view={view} again={sms.again} />
						{view !== null && (
							<>
								<h3>{t.test}</h3>
								<TestForm path={`${PATH}/test`} type="tel" label={t.testSmsTo} act={t.sendTestSms} />
								<Act kind="plain" label={t.forget} about={t.sms} onAct={forget} />
							</>
						)}
					</>
				)}
			</Loaded>
		</section>
	);
}

function SmsForm({ view, again }: { view: SmsView | null; again: () => Promise<void> }): JSX.Element {
	const t = settingsWords();
	const line = {
		url: useSignal(view?.url ?? ""),
		user: useSignal(view?.user ?? ""),
		password: useSignal(""),
		from: useSignal(view?.from ?? ""),
	};
	const into = (name: keyof typeof line) => ({
		label: t.smsFields[name],
		value: line[name].value,
		onInput: (value: string) => {
			line[name].value = value;
		},
	});
	const save = async (): Promise<void> => {
		const password = line.password.value === "" ? {} : { password: line.password.value };
		const { from, url, user } = line;
		await put(PATH, {
			...{ url: url.value.trim(), user: user.value.trim(), from: from.value.trim() },
			...password,
		});
		say(t.saved);
		await again();
	};
	return (
		<Form act={t.save} onSubmit={save} reasons={t.reasons}>
			<Field {...into("url")} type="url" hint={t.urlHint} required maxLength={500} />
			<Field {...into("user")} autocomplete="off" required maxLength={254} />
			<Field
				{...into("password")}
				type="password"
				autocomplete="new-password"
				maxLength={500}
				required={view === null}
				{...(view?.hasPassword && { hint: t.hasPassword })}
			/>
			<Field {...into("from")} hint={t.fromHint} required maxLength={20} />
		</Form>
	);
}
