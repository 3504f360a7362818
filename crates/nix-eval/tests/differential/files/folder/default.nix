{ value = 42; double = x: x * 2; here = toString ./.; }
