import { Loan } from "./loan";

export default function Page() {
  return (
    <>
      <h1>Your loan at Harbor</h1>
      <Loan />
    </>
  );
}
