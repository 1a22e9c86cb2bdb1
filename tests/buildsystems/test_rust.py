"""``build.rs``: the ways in which a line for Cargo is printed and names libpython."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import CARGO, reported, text_of

REPORTED = {
    "print with newline": """
    fn main() {
        print!("cargo:rustc-link-lib=python3.11\\n");
    }
    """,
    "named argument": """
    fn main() {
        println!("cargo:rustc-link-lib=python{v}", v = version);
    }
    """,
    "dylib kind with a modifier": """
    fn main() {
        println!("cargo:rustc-link-lib=dylib:+verbatim=libpython3.11.so");
    }
    """,
    "link arg": """
    fn main() {
        println!("cargo:rustc-link-arg=-lpython3.11");
    }
    """,
    "cdylib arg double colon": """
    fn main() {
        println!("cargo::rustc-cdylib-link-arg=-lpython{}", version);
    }
    """,
    "two placeholders": """
    fn main() {
        println!("cargo:rustc-link-lib=python{}.{}", major, minor);
    }
    """,
    "a format string in a variable": """
    fn main() {
        let lib = format!("python3.{}", minor);
        println!("cargo:rustc-link-lib={}", lib);
    }
    """,
    "inline variable": """
    fn main() {
        let lib = "python3.11";
        println!("cargo:rustc-link-lib={lib}");
    }
    """,
    "link flags -L and -l": """
    fn main() {
        println!("cargo:rustc-flags=-l python3.11 -L /usr/lib");
    }
    """,
    "in a helper function": """
    fn main() {
        link();
    }
    fn link() {
        println!("cargo:rustc-link-lib=python3.11");
    }
    """,
    "under unix cfg block": """
    fn main() {
        #[cfg(unix)]
        {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "if target os env linux": """
    fn main() {
        if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "linux" {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "match arm for linux": """
    fn main() {
        match os.as_str() {
            "linux" => println!("cargo:rustc-link-lib=python3.11"),
            _ => {}
        }
    }
    """,
    "raw string": """
    fn main() {
        println!(r"cargo:rustc-link-lib=python3.11");
    }
    """,
    "framework": """
    fn main() {
        println!("cargo:rustc-link-lib=framework=Python");
    }
    """,
}

SILENT = {
    "link search": """
    fn main() {
        println!("cargo:rustc-link-search=native=/usr/lib/python3.11");
    }
    """,
    "eprintln": """
    fn main() {
        eprintln!("cargo:rustc-link-lib=python3.11");
    }
    """,
    "windows cfg block": """
    fn main() {
        #[cfg(windows)]
        {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "android": """
    fn main() {
        if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "android" {
            println!("cargo:rustc-link-lib=python3.11");
        }
    }
    """,
    "match arm android": """
    fn main() {
        match os.as_str() {
            "android" => println!("cargo:rustc-link-lib=python3.11"),
            _ => {}
        }
    }
    """,
    "another library in a variable": """
    fn main() {
        let lib = "z";
        println!("cargo:rustc-link-lib={lib}");
    }
    """,
    "a module of tests": """
    fn main() {
        x();
    }
    #[cfg(test)]
    mod tests {
        fn f() {
            let s = "cargo:rustc-link-lib=python3.11";
        }
    }
    """,
    "python2": """
    fn main() {
        println!("cargo:rustc-link-lib=python2.7");
    }
    """,
    "a bin arg": """
    fn main() {
        println!("cargo:rustc-link-arg-bins=-lpython3.11");
    }
    """,
    "a test arg": """
    fn main() {
        println!("cargo:rustc-link-arg-tests=-lpython3.11");
    }
    """,
    "boost": """
    fn main() {
        println!("cargo:rustc-link-lib=boost_python311");
    }
    """,
    "rerun if env": """
    fn main() {
        println!("cargo:rerun-if-env-changed=PYTHON_LIB");
        println!("cargo:rustc-cfg=python3");
    }
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_a_line_for_cargo_names_libpython(tmp_path: Path, name: str) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    file = tmp_path / "build.rs"
    text = text_of({**REPORTED, **SILENT}[name])
    file.write_text(text)
    codes = [code for code, _ in reported(text, str(file))]
    assert codes == ["NLP201"] * (name in REPORTED)
