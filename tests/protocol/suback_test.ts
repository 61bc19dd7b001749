import { testVectors } from "./vector.ts";

testVectors("suback");
